/**
 * A logout at the authorization server without a browser (OpenID Connect RP-Initiated Logout 1.0): the form of the page
 * is sent as the user would. Resolves once the server has sent its logout tokens. Throws if the server answers
 * otherwise than with its form and a redirect.
 */
import { toCookieField } from './code-flow.ts'
import { fetchFromServer, type ServerMetadata } from './token-endpoint.ts'

export async function logOut(
  { end_session_endpoint }: ServerMetadata,
  cookies: ReadonlyMap<string, string>,
  idToken: string,
): Promise<void> {
  if (end_session_endpoint === undefined) throw new Error('nobody can log out at this server')
  const page = new URL(end_session_endpoint)
  page.searchParams.set('id_token_hint', idToken)
  const headers = { cookie: toCookieField(cookies) }
  const text = await (await fetchFromServer(page, { headers })).text()
  const [, action] = /action="([^"]+)"/.exec(text) ?? []
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(text) ?? []
  if (action === undefined || xsrf === undefined) throw new Error('the server has no form for a logout')
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  const { status } = await fetchFromServer(action, { method: 'POST', headers, body })
  if (status !== 303) throw new Error(`the logout ended with status ${status}`)
}
