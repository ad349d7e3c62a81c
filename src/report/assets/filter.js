// The language of the group page's filter: terms that must all hold.
//   sub-01           the path of the image contains it        "two words"  the same, with blanks
//   verdict:fail     the field has this value; none: no value; a,b: one of them
//   cnr>=3  age < 30 comparisons, also > <= = and !=
//   "age at scan">30 a name with blanks
//   -TERM            the opposite
const filterLanguage = {
  token: /(-?)(?:("[^"]+"|[^\s"<>=:!\u2264\u2265\u2260]+)\s*(<=|>=|!=|[<>=:\u2264\u2265\u2260])\s*("[^"]*"|[^\s"]+)|"([^"]*)"|(\S+))/g,
  shorthand: {pass: "verdict:pass", warning: "verdict:warning", fail: "verdict:fail", error: "verdict:error",
              unsure: "rating:unsure", unrated: "rating:none", rated: "rating:any"},

  // {test, problems}: whether a row passes, and a sentence for each term that was not understood, which is then ignored.
  // `fields` has for a name in lower case {of, values, part}: of(row) is a number, a text or null; `values` lists all that
  // it may be; with `part` a part of it counts. `text(row)` is what plain words are looked for in.
  parse(input, fields, text) {
    const tests = [], problems = [];
    for (const [term, minus, name, operator, value, phrase, word] of input.matchAll(filterLanguage.token)) {
      let made;
      if (operator) made = filterLanguage.comparison(name.replaceAll('"', "").toLowerCase(), operator, value.replaceAll('"', ""), fields);
      else if (word && Object.hasOwn(filterLanguage.shorthand, word.toLowerCase())) {
        const [field, wanted] = filterLanguage.shorthand[word.toLowerCase()].split(":");
        made = filterLanguage.equality(fields.get(field), wanted);
      } else made = filterLanguage.word(phrase ?? word, text);
      if (typeof made === "string") problems.push("\u201c" + term.trim() + "\u201d: " + made);
      else tests.push(minus ? (row) => !made(row) : made);
    }
    return {test: (row) => tests.every((test) => test(row)), problems};
  },

  word(given, text) {
    const word = given.replaceAll('"', "");
    if (/^[-<>=:!\u2264\u2265\u2260]*$/.test(word)) return "expected a word or a comparison such as cnr>3";
    if (/[<>=:\u2264\u2265]/.test(word)) return "expected a name, a comparison and a value, as in cnr>3 or verdict:fail";
    return (row) => text(row).includes(word.toLowerCase());
  },

  comparison(name, operator, value, fields) {
    const field = fields.get(name);
    if (!field) return "no measure or column has the name " + name + filterLanguage.similar(name, fields);
    if ([":", "=", "!=", "\u2260"].includes(operator)) {
      const wanted = value.toLowerCase().split(",").filter(Boolean);
      const strange = wanted.length === 0 ? value : field.values && wanted.find((word) => !field.values.includes(word));
      if (strange) return "expected " + (field.values?.join(", ") ?? "a value") + " after " + name + operator + ", found " + strange;
      const tests = [value.toLowerCase(), ...wanted].map((word) => filterLanguage.equality(field, word));
      const some = (row) => tests.some((test) => test(row));
      return operator === ":" || operator === "=" ? some : (row) => !some(row);
    }
    // Measures are floats of 32 bits; a limit is rounded to them, so that <=0.1 holds for 0.1.
    const limit = Math.fround(Number(value));
    if (field.values || field.isText?.()) return name + " has no numbers to compare";
    if (!Number.isFinite(limit)) return "expected a number after " + operator + ", found " + value;
    const holds = {"<": (x) => x < limit, ">": (x) => x > limit, "<=": (x) => x <= limit, ">=": (x) => x >= limit};
    const test = holds[operator.replace("\u2264", "<=").replace("\u2265", ">=")];
    return (row) => {
      const x = field.of(row);
      return x !== null && x !== "" && test(Math.fround(Number(x)));
    };
  },

  equality(field, wanted) {
    const isNone = (value) => value === null || value === "";
    if (wanted === "none") return (row) => isNone(field.of(row));
    if (wanted === "any") return (row) => !isNone(field.of(row));
    return (row) => {
      const value = field.of(row);
      if (isNone(value)) return false;
      if (typeof value === "number") return Math.fround(value) === Math.fround(Number(wanted));
      return field.part ? value.toLowerCase().includes(wanted) : value.toLowerCase() === wanted;
    };
  },

  similar(name, fields) {
    const names = [...fields.keys()].filter((known) => known.includes(name) || name.includes(known)).slice(0, 3);
    return names.length ? "; similar: " + names.join(", ") : "";
  },
};
