// Part of Fetch edges and of the metadata function on AWS: what the metadata of resources says of DPoP.

export { describeDpop } from '../sender/dpop/metadata.ts'
