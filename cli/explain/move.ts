// How moves are written: by whom, and what.

import type { Facts } from './facts.ts'
import { placeOfIssuer, placeOfSection } from './given-stage.ts'

export interface Move {
  /** `you`: who runs Lanekeeper. */
  readonly who: 'client' | 'issuer' | 'you'
  readonly what: string
}

export type FindMoves = (facts: Facts) => readonly Move[]

export const client = (what: string): Move => ({ who: 'client', what })
export const issuer = (what: string): Move => ({ who: 'issuer', what })
export const you = (what: string): Move => ({ who: 'you', what })

export const always =
  (...moves: readonly Move[]): FindMoves =>
  () =>
    moves

/** The path of a member of the token's issuer. */
export const issuerPath = ({ stage, issuer: known }: Facts, member: string): string =>
  known === undefined ? `issuers.NAME.${member}` : placeOfIssuer(stage, known.name, member).path

export const sectionPath = ({ stage }: Facts, path: string): string => placeOfSection(stage, path).path

/** A detail of the refusal; empty where it has none. */
export const detailOf = ({ deny }: Facts, name: string): string => String(deny?.detail?.[name] ?? '')

export const quoted = (texts: Iterable<string>): string => [...texts].map((text) => `"${text}"`).join(', ')
