/** The words of this desk. */
export default {
  'title': '办理',
} as const;
