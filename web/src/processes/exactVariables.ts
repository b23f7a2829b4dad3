/** Variables that somebody typed as JSON, sent with the digits they were typed with. */

const MARK = '\u0001variables\u0001';

/** `body` and its serializer for the API client; `json` stands in it as it is under `variables`. */
export function withVariables<Body extends object>(body: Body, json: string) {
  return {
    body: { ...body, variables: { [MARK]: true } as Record<string, unknown> },
    bodySerializer: (whole: unknown) => JSON.stringify(whole).replace(JSON.stringify({ [MARK]: true }), () => json),
  };
}

/** Whether a text is a JSON object. */
export function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
