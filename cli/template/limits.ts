// The size of a template that is read. CloudFormation takes at most 1 MB from S3; a source template may be larger before
// a tool has packaged it.

/** The longest file, in bytes. */
export const MAX_BYTES = 4_000_000

/** The most values of a template, with those that an anchor or an intrinsic function repeats. */
export const MAX_VALUES = 400_000

/** How deep values may be nested. */
export const MAX_DEPTH = 100

/** Why a template is not read, with its place where there is one. */
export class TemplateFileError extends Error {}

/** Counts values and their depth, so that no template makes the check run without an end. */
export function createCounter(): (depth: number) => void {
  let count = 0
  return (depth) => {
    count += 1
    if (count > MAX_VALUES) throw new TemplateFileError(`has more than ${MAX_VALUES} values`)
    if (depth > MAX_DEPTH) throw new TemplateFileError(`is nested more than ${MAX_DEPTH} levels deep`)
  }
}
