// Turns the schema of a command into form fields, and back. The schema is the one that the server validates with (GET
// /api/commands). This module has no DOM and knows no single parameter.
import { FIELD_TYPES } from "./field_types.js";

// The fields for these values, common ones first. The values decide which fields exist: each engine has its own
// settings. In the layout, `common` lists paths in their order, `last` the ones at the end and `hidden` the ones to
// leave out. A name that ends in a dot is a whole group.
export function buildFields(schema, values = {}, { common = [], last = [], hidden = [] } = {}) {
  const isHidden = (path) => hidden.some((name) => path === name || (name.endsWith(".") && path.startsWith(name)));
  const rankOf = ({ path, isRequired }) => {
    if (common.includes(path)) return common.indexOf(path);
    if (isRequired) return common.length;
    return common.length + (last.includes(path) ? 2 : 1);
  };
  const fields = [...fieldsOfGroup(schema, values, { root: schema })].filter((field) => !isHidden(field.path));
  const ranked = fields.map((field) => ({ ...field, isRare: rankOf(field) > common.length }));
  return ranked.sort((a, b) => rankOf(a) - rankOf(b));
}

// The parameters that form values stand for. `values` maps a path to a text, or to a boolean for a check box. Empty
// values and defaults of the provider are left out.
export function readParams(fields, values) {
  const params = {};
  for (const field of fields) {
    const value = FIELD_TYPES[field.type].parse(values[field.path], field);
    if (value !== undefined) setPath(params, field.path.split("."), value);
  }
  return params;
}

// The field of a problem: its own, or the nearest one around it (custom_parameters.0.name).
export function findField(fields, path) {
  const candidates = fields.filter((field) => path === field.path || path.startsWith(`${field.path}.`));
  return candidates.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
}

function setPath(params, [name, ...rest], value) {
  if (rest.length) setPath((params[name] ??= {}), rest, value);
  else params[name] = value;
}

// The fields of one group. `decided` lists the names that an outer group has decided.
function* fieldsOfGroup(group, values, { root, prefix = "", decided = [] }) {
  const decisions = decisionsOf(group, values);
  for (const [name, declared] of Object.entries(group.properties)) {
    if (decided.includes(name)) continue;
    const path = prefix + name;
    const context = { root, prefix: `${path}.` };
    const schema = resolveSchema(declared, root);
    const details = { path, name, value: values[name] ?? decisions[name], decides: name in decisions };
    const decider = declared.discriminator?.propertyName;
    if (decider) yield* fieldsOfUnion(declared, values[name] ?? {}, { ...context, beside: group.properties[decider], decision: decisions[decider] });
    else if (schema.properties) yield* fieldsOfGroup(schema, values[name] ?? {}, context);
    else if (needsField(schema, group, name)) yield describeField(schema, { ...details, root, isRequired: isRequired(group, name) });
  }
}

// The values that decide about groups of fields, by name. They stand beside the group or inside it, as the engine and
// its settings.
function decisionsOf(group, values) {
  const unions = Object.entries(group.properties).filter(([, schema]) => schema.discriminator);
  return Object.fromEntries(unions.map(([name, { discriminator: { propertyName: decider } }]) => [decider, values[decider] ?? values[name]?.[decider]]));
}

// The fields of a union. A discriminator that does not stand beside it becomes a field: the model of an engine.
function* fieldsOfUnion({ discriminator }, values, { root, prefix, beside, decision, decided = [] }) {
  const { propertyName: name, mapping } = discriminator;
  const names = Object.keys(mapping);
  const selected = [decision, values[name], beside?.default].find((name) => names.includes(name)) ?? names.at(-1);
  const branch = mapping[selected];
  const context = { root, prefix, decided: [...decided, name] };
  if (!beside) {
    const { title } = resolveSchema(typeof branch === "string" ? { $ref: branch } : branch.oneOf[0], root).properties[name];
    yield describeField({ title, enum: names }, { path: prefix + name, name, value: selected, decides: true, isRequired: true, root });
  }
  if (branch.discriminator) yield* fieldsOfUnion(branch, values, context);
  else yield* fieldsOfGroup(resolveSchema({ $ref: branch }, root), values, context);
}

const isRequired = (group, name) => Boolean(group.required?.includes(name));

function resolveSchema(schema, root) {
  if (schema.oneOf) return resolveSchema({ ...schema.oneOf[0], title: schema.title }, root);
  if (!schema.$ref) return schema;
  const { $ref, ...own } = schema;
  return { ...root.$defs[$ref.split("/").at(-1)], ...own };
}

// A constant that need not be given needs no field.
const needsField = (schema, group, name) => schema.const === undefined || (schema.default === undefined && !isRequired(group, name));

function describeField(schema, { path, name, value, decides, isRequired, root }) {
  const type = fieldType(schema, root);
  const options = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
  const valid = options && !options.includes(value) ? undefined : value;
  return {
    path,
    type,
    isRequired,
    decides,
    title: schema.title ?? name,
    hint: schema.description ?? "",
    fallback: schema.default,
    isNumeric: ["integer", "number"].includes(schema.type),
    options,
    suggestions: schema.examples ?? [],
    value: schema.writeOnly ? FIELD_TYPES[type].format(undefined, schema) : FIELD_TYPES[type].format(valid, schema),
  };
}

function fieldType(schema, root) {
  if (schema.enum || schema.const !== undefined) return "choice";
  if (schema.writeOnly) return "secret";
  if (schema.type === "boolean") return "check";
  if (schema.type === "array") return listFieldType(resolveSchema(schema.items, root));
  if (schema.type === "object") return schema.additionalProperties?.type === "number" ? "weights" : "json";
  return "text";
}

function listFieldType(item) {
  const names = Object.keys(item.properties ?? {}).sort().join();
  return names === "name,value" ? "pairs" : item.type === "string" ? "lines" : "json";
}
