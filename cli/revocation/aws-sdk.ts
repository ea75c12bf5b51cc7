// What went wrong in a call of the AWS SDK, as a sentence: a package that is not installed, or what the service says.

/** `name`: the package of the client. */
export function reasonOfSdk(error: unknown, name: string): string {
  const {
    code,
    message = '',
    name: kind = 'Error',
  } = error as {
    code?: unknown
    message?: string
    name?: string
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(name))
    return `it needs the package ${name}, which is not installed: npm install ${name}`
  if (kind === 'TimeoutError' || kind === 'AbortError') return 'it did not answer in time'
  const said = message.split('\n')[0]!.slice(0, 300).replace(/\.$/, '')
  return kind === 'Error' || kind === '' ? said || 'it failed' : `${kind}${said === '' ? '' : `: ${said}`}`
}
