// Answers of the admin endpoint. An error repeats nothing of the request. RFC 6749 section 5.2 (the members of an
// error), RFC 6750 section 3 (the challenge).

export function answer(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

export const refuse = (
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Response => answer(status, { error, error_description: description }, headers)

export const malformed = (description: string): Response => refuse(400, 'invalid_request', description)

export const NOT_FOUND = (): Response => refuse(404, 'not_found', 'There is nothing at this path.')

export const UNAVAILABLE = (description: string): Response =>
  refuse(503, 'temporarily_unavailable', description, { 'retry-after': '5' })

/** `isGiven`: whether the request has credentials. */
export const unauthenticated = (isGiven: boolean): Response =>
  isGiven
    ? refuse(401, 'invalid_token', 'The credential is not valid here.', {
        'www-authenticate': 'Bearer error="invalid_token"',
      })
    : refuse(401, 'invalid_request', 'A credential is required.', { 'www-authenticate': 'Bearer' })
