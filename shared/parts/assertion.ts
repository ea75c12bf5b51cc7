// Part of Fetch edges: the signed assertion for the origin (`origin.assertion`).

export { createAssertions } from '../grant/assertion.ts'
