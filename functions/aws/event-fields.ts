// Header fields and query parameters of an event of API Gateway, in whichever of its maps they are.

export type UnknownObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is UnknownObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const objectOf = (value: unknown): UnknownObject => (isObject(value) ? value : {})
export const stringsOf = (...values: readonly unknown[]): string[] =>
  values.filter((value) => typeof value === 'string')

/** Every value of a field, in any case: from the multi-value map, and further ones from the plain map. */
export function fieldValues(event: UnknownObject, name: string): string[] {
  const valuesIn = (map: unknown) =>
    Object.entries(objectOf(map)).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []))
  const all = stringsOf(...valuesIn(event['multiValueHeaders']))
  return [...all, ...stringsOf(...valuesIn(event['headers'])).filter((value) => !all.includes(value))]
}

/** Every value of a query parameter. Names are case-sensitive. */
export function queryValues(event: UnknownObject, name: string): string[] {
  const single = objectOf(event['queryStringParameters'])[name]
  const multi = objectOf(event['multiValueQueryStringParameters'])[name]
  const raw = new URLSearchParams(stringsOf(event['rawQueryString'])[0] ?? '').getAll(name)
  const all = stringsOf(...(Array.isArray(multi) ? multi : [multi]))
  return [...all, ...stringsOf(single).filter((value) => !all.includes(value)), ...raw]
}
