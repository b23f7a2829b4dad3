/** What dependencies say, in Chinese; see `vendorWords.ts` beside the Vite configuration. */
import { currentLanguage } from './strings';

export const WORDS: Readonly<Record<string, string>> = {
  'Increment': '增加',
  'Decrement': '减少',
  'Search': '搜索',
  'Select': '请选择',
  'Skip to search': '跳到搜索',
  'Remove tag': '移除',
  'Nothing to show.': '没有内容',
  'Previous page': '上一页',
  'Next page': '下一页',
  'Browse': '选择文件',
  'No files selected': '未选择文件',
  'Click to remove sorting': '点击取消排序',
  'No content to show.': '没有内容',
  "External content couldn't be loaded.": '无法加载外部内容。',
  'This is an image placeholder': '图片',
  'Click to sort by {{label}} descending': '点击按{{label}}降序排列',
  'Click to sort by {{label}} ascending': '点击按{{label}}升序排列',
  'Expand all ({{count}})': '全部展开（{{count}}）',
  'Remove list item {{number}}': '删除第 {{number}} 项',
  'Download {{fileName}}': '下载 {{fileName}}',
  'en-US': 'zh-CN',
};

/** A word of a dependency in the language of the screen. */
export function word(english: string, values: Readonly<Record<string, unknown>> = {}): string {
  const text = currentLanguage() === 'zh' ? (WORDS[english] ?? english) : english;
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
}
