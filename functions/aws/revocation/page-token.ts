// What a caller passes to get the next page of a list: JSON in base64url. It comes back from outside, so its form is
// checked.

export function toPageToken(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

/** @throws If it is no token for such a page. `members`: their types by name. */
export function readPageToken<Content extends object>(
  text: string,
  members: Readonly<Record<keyof Content & string, 'string' | 'number'>>,
): Content {
  const problem = new TypeError('the page is not of this list')
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw problem
  }
  if (typeof content !== 'object' || content === null) throw problem
  const given = content as Record<string, unknown>
  for (const [name, type] of Object.entries(members)) if (typeof given[name] !== type) throw problem
  return content as Content
}
