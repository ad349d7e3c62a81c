#!/bin/sh
# write-sbom.sh VERSION: what an image holds, as SPDX 2.3 (JSON): hypersynth and each Debian package
# with its version and the licences that its copyright file names. Debian's short names of licences
# are not always SPDX's, so they stand in licenseComments. The library of the reports' viewer is
# from npm.
set -eu

version=${1:?usage: write-sbom.sh VERSION}
created=$(date -u ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"} +%Y-%m-%dT%H:%M:%SZ)

# A line for each package: name, version, architecture, licences.
packages() {
  libtorch_version=/opt/hypersynth/lib/libtorch/version
  [ ! -e "$libtorch_version" ] || printf 'libtorch\t%s\t-\tBSD-3-Clause\n' "$(cat "$libtorch_version")"
  dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | while read -r name number architecture; do
    licences=$(sed -n 's/^License:[[:space:]]*//p' "/usr/share/doc/$name/copyright" 2>/dev/null |
      sed 's/["\\]//g; s/[[:space:]]*$//' | sort -u | paste -sd ';' -)
    printf '%s\t%s\t%s\t%s\n' "$name" "$number" "$architecture" "$licences"
  done
}

# A line as above for the library of the viewer, where the build has fetched it.
viewer() {
  for file in "$(dirname "$0")"/share/hypersynth/viewer/niivue-*.js; do
    [ -e "$file" ] || continue
    number=${file##*/niivue-}
    printf '@niivue/niivue\t%s\tnpm\tBSD-2-Clause\n' "${number%.js}"
  done
}

{ packages; viewer; } | awk -F '\t' -v version="$version" -v created="$created" '
  function package(name, number, url, licence, comment) {
    id = name
    gsub(/[^A-Za-z0-9.-]/, "-", id)
    printf ",\n    {\"SPDXID\": \"SPDXRef-%s\", \"name\": \"%s\", \"versionInfo\": \"%s\",\n", id, name, number
    printf "     \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false,\n"
    printf "     \"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": \"NOASSERTION\", \"copyrightText\": \"NOASSERTION\""
    if (comment != "") printf ",\n     \"licenseComments\": \"%s\"", comment
    printf ",\n     \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"%s\"}]}", url
    contains = contains sprintf(",\n    {\"spdxElementId\": \"SPDXRef-hypersynth\", \"relationshipType\": \"DEPENDS_ON\", \"relatedSpdxElement\": \"SPDXRef-%s\"}", id)
  }
  BEGIN {
    printf "{\n  \"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", \"SPDXID\": \"SPDXRef-DOCUMENT\",\n"
    printf "  \"name\": \"hypersynth-%s\", \"documentNamespace\": \"urn:hypersynth:sbom:%s:%s\",\n", version, version, created
    printf "  \"creationInfo\": {\"created\": \"%s\", \"creators\": [\"Tool: hypersynth write-sbom.sh\"]},\n  \"packages\": [\n", created
    printf "    {\"SPDXID\": \"SPDXRef-hypersynth\", \"name\": \"hypersynth\", \"versionInfo\": \"%s\",\n", version
    printf "     \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false,\n"
    printf "     \"licenseConcluded\": \"Apache-2.0\", \"licenseDeclared\": \"Apache-2.0\", \"copyrightText\": \"NOASSERTION\"}"
  }
  $3 == "npm" {
    package("niivue", $2, "pkg:npm/%40niivue/niivue@" $2, "", $4)
    next
  }
  {
    locator = $2
    gsub(/\+/, "%2B", locator)
    gsub(/:/, "%3A", locator)
    purl = $3 == "-" ? "pkg:generic/" $1 "@" locator : "pkg:deb/debian/" $1 "@" locator "?arch=" $3
    package($1, $2, purl, "", $4)
  }
  END {
    printf "\n  ],\n  \"relationships\": [\n"
    printf "    {\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-hypersynth\"}%s\n  ]\n}\n", contains
  }'
