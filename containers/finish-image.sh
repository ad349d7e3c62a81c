#!/bin/sh
# finish-image.sh [TAG [URI]]: the last step of both recipes, in the image that users get. Installs the
# Debian packages that list-runtime-packages.sh found, and writes what the image is called, where it
# is to be had, and what it holds with licences. It removes itself, and what differs from one build of
# the same sources to the next.
set -eu

root=/opt/hypersynth
apt-get update
DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends <$root/packages.txt
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/*.log /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old \
  /var/lib/dpkg/*-old

# A libtorch that is no Debian package.
if [ -d $root/lib/libtorch ]; then
  echo $root/lib/libtorch >/etc/ld.so.conf.d/hypersynth.conf
  ldconfig
fi

printf '{"Tag": "%s", "URI": "%s"}\n' "${1:-}" "${2:-}" >$root/share/hypersynth/container.json
version=$($root/bin/hypersynth --version)
sh $root/write-sbom.sh "${version#hypersynth }" >$root/share/hypersynth/sbom.spdx.json
rm $root/write-sbom.sh $root/finish-image.sh
