// Part of Fetch edges and of the metadata function on AWS: what the metadata of resources says of bound tokens.

export { describeSenders } from '../sender/metadata.ts'
