// Known forgeries of the three parts of a compact token: parts dropped, swapped or doubled, empty signatures and those
// of other tokens.

import { base64url } from 'jose'

type Forge = (parts: readonly string[], other: readonly string[]) => string[]

const FORGERIES: readonly Forge[] = [
  ([header = '', claims = '']) => [header, claims, ''],
  ([header = '', claims = '']) => [header, claims],
  ([header = '', claims = ''], other) => [header, claims, other[2]!],
  ([header = '', , signature = ''], other) => [header, other[1]!, signature],
  ([header = '', claims = '']) => [header, claims, base64url.encode(new Uint8Array(64))],
  ([header = '', claims = '']) => [header, claims, 'MAYCAQACAQA'],
  ([header = '', claims = '', signature = '']) => [claims, header, signature],
  (parts) => [...parts, ...parts],
  (parts) => [...parts, ''],
  ([header = '', claims = '', signature = '']) => [header, claims, '', '', signature],
  ([header = '', claims = '', signature = '']) => [header, claims, signature.slice(0, 40)],
  ([header = '', claims = '', signature = '']) => [header, claims, `${signature}${signature}`],
]

/** Applies the forgeries with the given numbers, one after the other. */
export const attackSegments = (
  parts: readonly string[],
  numbers: readonly number[],
  other: string,
): string[] => numbers.reduce((changed, number) => FORGERIES[number]!(changed, other.split('.')), [...parts])
