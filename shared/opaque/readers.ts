// Everything that is needed to ask an issuer about a token, loaded together and only where that may happen.

export { createCheck } from './check.ts'
export { createIntrospection } from './introspection.ts'
