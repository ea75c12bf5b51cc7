// The minimum that sends a request on: to the same path of the origin, unchanged.

import { env } from './bindings.ts'

const ORIGIN = env['ORIGIN']!

export function passOn(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  return fetch(new Request(`${ORIGIN}${pathname}${search}`, request))
}
