/** A file that init writes into the project. */
export interface ProjectFile {
  /** Relative to the project, with "/". */
  readonly path: string
  readonly text: string
  /** Other names under which its tool looks for the same file. None of them may stand either. */
  readonly alternatives?: readonly string[]
}
