export async function writeReadme(_: unknown): Promise<string> {
  return ''
}
