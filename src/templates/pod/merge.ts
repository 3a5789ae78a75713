type Item = object;
type Dictionary = Record<string, unknown>;

/** Lists whose items have a name: items of the same name are merged, as the API server does (patchMergeKey). */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
};

/** `over` laid over `base`: objects are merged, named lists item by item, other lists are joined, values of `over` win. */
export function merge(base: Dictionary, over: Dictionary): Dictionary {
  const result: Dictionary = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    result[key] = mergeValue(key, result[key], value);
  }
  return result;
}

function mergeValue(key: string, base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return mergeLists(mergeKeys[key], base as Item[], over as Item[]);
  if (isMap(base) && isMap(over)) return merge(base, over);
  return over;
}

function mergeLists(key: string | undefined, base: Item[], over: Item[]): Item[] {
  if (!key) return [...base, ...over];
  const nameOf = (item: Item) => (item as Dictionary)[key];
  const known = new Map(over.map((item) => [nameOf(item), item]));
  const merged = base.map((item) => {
    const other = known.get(nameOf(item));
    known.delete(nameOf(item));
    return other ? merge(item as Dictionary, other as Dictionary) : item;
  });
  return [...merged, ...over.filter((item) => known.has(nameOf(item)))];
}

function isMap(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
