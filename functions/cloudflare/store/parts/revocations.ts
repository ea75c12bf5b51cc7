// Part of the store Worker: the revocations, with their admin endpoint (`revocation.durableObject`).

export { startStore as revocations } from '../planned-store.ts'
