export async function runProfile(_: string): Promise<void> {}
