// Reads a $metadata document strictly and prints what is in it as JSON, or fails with what is wrong.
const fs = require("fs");
const path = require("path");
const { xml2json } = require(path.join(process.argv[2], "node_modules", "odata-csdl"));
const messages = [];
const model = xml2json(fs.readFileSync(0, "utf8"), { strict: true, messages });
process.stdout.write(JSON.stringify({ model, messages }));
