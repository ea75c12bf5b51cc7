// Part of Fetch edges: whether a request has the secret of `diagnostics`.

export { createSecretCheck } from '../secrets/secret-check.ts'
