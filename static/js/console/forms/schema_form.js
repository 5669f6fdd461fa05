// A command's parameters as fields of a form, and back. The one source is the JSON schema that the server judges by
// (GET /api/commands); this knows neither the page nor any single parameter.
import { KINDS } from "./field_types.js";

// The fields to show for these values, common ones first. Which ones there are depends on the values: an engine has its
// own settings. Of `layout`, `common` names paths in their order, `last` those that come after all others, and `hidden`
// those to leave out; a name that ends in a dot is a whole group.
export function fieldsOf(schema, values = {}, { common = [], last = [], hidden = [] } = {}) {
  const isHidden = (path) => hidden.some((each) => path === each || (each.endsWith(".") && path.startsWith(each)));
  const rankOf = ({ path, isRequired }) => {
    if (common.includes(path)) return common.indexOf(path);
    if (isRequired) return common.length;
    return common.length + (last.includes(path) ? 2 : 1);
  };
  const fields = [...fieldsIn(schema, values, { root: schema })].filter((field) => !isHidden(field.path));
  const placed = fields.map((field) => ({ ...field, isRare: rankOf(field) > common.length }));
  return placed.sort((a, b) => rankOf(a) - rankOf(b));
}

// The parameters that filled fields mean. `filled` is path → text, or boolean of a check box. What is empty, or what the
// provider assumes anyway, is not sent.
export function paramsOf(fields, filled) {
  const params = {};
  for (const field of fields) {
    const value = KINDS[field.kind].read(filled[field.path], field);
    if (value !== undefined) put(params, field.path.split("."), value);
  }
  return params;
}

// The field a problem belongs to: its own, or the nearest around it (custom_parameters.0.name).
export function fieldAt(fields, path) {
  const around = fields.filter((field) => path === field.path || path.startsWith(`${field.path}.`));
  return around.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
}

function put(params, [name, ...rest], value) {
  if (rest.length) put((params[name] ??= {}), rest, value);
  else params[name] = value;
}

// The fields of one group. `decided` names those that have been chosen outside of it already.
function* fieldsIn(group, values, { root, prefix = "", decided = [] }) {
  const decisions = decisionsOf(group, values);
  for (const [name, declared] of Object.entries(group.properties)) {
    if (decided.includes(name)) continue;
    const path = prefix + name;
    const inside = { root, prefix: `${path}.` };
    const schema = resolved(declared, root);
    const facts = { path, name, value: values[name] ?? decisions[name], decides: name in decisions };
    const decider = declared.discriminator?.propertyName;
    if (decider) yield* fieldsOfChoice(declared, values[name] ?? {}, { ...inside, beside: group.properties[decider], told: decisions[decider] });
    else if (schema.properties) yield* fieldsIn(schema, values[name] ?? {}, inside);
    else if (isOpen(schema, group, name)) yield fieldOf(schema, { ...facts, root, isRequired: isRequired(group, name) });
  }
}

// What decides about a group of fields, by name: told beside the group or inside it (the engine and its settings).
function decisionsOf(group, values) {
  const choices = Object.entries(group.properties).filter(([, each]) => each.discriminator);
  return Object.fromEntries(choices.map(([name, { discriminator: { propertyName: decider } }]) => [decider, values[decider] ?? values[name]?.[decider]]));
}

// One of several groups. What decides and does not stand beside becomes a field here: the model of an engine.
function* fieldsOfChoice({ discriminator }, values, { root, prefix, beside, told, decided = [] }) {
  const { propertyName: name, mapping } = discriminator;
  const names = Object.keys(mapping);
  const chosen = [told, values[name], beside?.default].find((each) => names.includes(each)) ?? names.at(-1);
  const branch = mapping[chosen];
  const inside = { root, prefix, decided: [...decided, name] };
  if (!beside) {
    const { title } = resolved(typeof branch === "string" ? { $ref: branch } : branch.oneOf[0], root).properties[name];
    yield fieldOf({ title, enum: names }, { path: prefix + name, name, value: chosen, decides: true, isRequired: true, root });
  }
  if (branch.discriminator) yield* fieldsOfChoice(branch, values, inside);
  else yield* fieldsIn(resolved({ $ref: branch }, root), values, inside);
}

const isRequired = (group, name) => Boolean(group.required?.includes(name));

function resolved(schema, root) {
  if (schema.oneOf) return resolved({ ...schema.oneOf[0], title: schema.title }, root);
  if (!schema.$ref) return schema;
  const { $ref, ...own } = schema;
  return { ...root.$defs[$ref.split("/").at(-1)], ...own };
}

// A value that can be nothing else, and is there without being given, needs no field.
const isOpen = (schema, group, name) => schema.const === undefined || (schema.default === undefined && !isRequired(group, name));

function fieldOf(schema, { path, name, value, decides, isRequired, root }) {
  const kind = kindOf(schema, root);
  const options = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
  const usable = options && !options.includes(value) ? undefined : value;
  return {
    path,
    kind,
    isRequired,
    decides,
    title: schema.title ?? name,
    hint: schema.description ?? "",
    fallback: schema.default,
    isNumeric: ["integer", "number"].includes(schema.type),
    options,
    suggestions: schema.examples ?? [],
    value: schema.writeOnly ? KINDS[kind].write(undefined, schema) : KINDS[kind].write(usable, schema),
  };
}

function kindOf(schema, root) {
  if (schema.enum || schema.const !== undefined) return "choice";
  if (schema.writeOnly) return "secret";
  if (schema.type === "boolean") return "check";
  if (schema.type === "array") return kindOfList(resolved(schema.items, root));
  if (schema.type === "object") return schema.additionalProperties?.type === "number" ? "weights" : "json";
  return "text";
}

function kindOfList(item) {
  const names = Object.keys(item.properties ?? {}).sort().join();
  return names === "name,value" ? "pairs" : item.type === "string" ? "lines" : "json";
}
