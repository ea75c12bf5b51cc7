// `--route 'GET,HEAD /orders orders:read'`: methods, a path, and the scopes that a token needs. Only the form is read
// here; the configuration checks the rest.

import type { RouteRule } from '../../shared/index.ts'

/** The rule, or what is wrong, as the end of a sentence. */
export function readRoute(text: string): RouteRule | string {
  const [methods, path, ...demand] = text.trim().split(/\s+/)
  if (!methods || path === undefined || demand.length === 0)
    return 'is a method, a path, and the scopes that a token needs, "none" or "public", as in "GET /orders orders:read"'
  const rule = { path, methods: methods.split(',') }
  const [only] = demand.length === 1 ? demand : []
  if (only === 'public') return { ...rule, public: true }
  return { ...rule, scope: only === 'none' ? 'none' : { allOf: demand } }
}
