using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Inference;

/// <summary>
/// Who owns which page of keys and values. Pages are reference counted; a full page can be found again by its content and everything before it,
/// so that sequences with the same beginning share it. Pages that nobody uses stay findable until their memory is needed, longest unused first.
/// </summary>
internal sealed class PagePool : IDisposable
{
    private readonly int[] references;
    private readonly PageKey[] keys;
    private readonly long[] serials;
    private readonly int[] contents;
    private readonly Dictionary<PageKey, int> byKey;
    private readonly IdlePages idle;
    private long lastSerial;

    public PagePool(DecoderSpec spec, int pages, DType type)
    {
        Memory = new KeyValuePages(spec, pages, type);
        references = new int[pages];
        keys = new PageKey[pages];
        serials = new long[pages];
        contents = new int[pages * KeyValuePages.PageTokens];
        byKey = new Dictionary<PageKey, int>(pages);
        idle = new IdlePages(pages);
        for (int page = 0; page < pages; page++) idle.Add(page);
    }

    /// <summary>The memory.</summary>
    public KeyValuePages Memory { get; }

    /// <summary>Pages that nobody uses.</summary>
    public int Available => idle.Count;

    /// <summary>Full pages that can be found by their content.</summary>
    public int Findable => byKey.Count;

    /// <summary>A page for new content, with one reference; what it held can no longer be found.</summary>
    public int Take()
    {
        int page = idle.TakeFirst();
        Forget(page);
        references[page] = 1;
        return page;
    }

    /// <summary>Gives back one reference.</summary>
    public void Release(int page)
    {
        if (--references[page] == 0) idle.Add(page);
    }

    /// <summary>The root of first pages: what an adapter makes of tokens is not what others make of them.</summary>
    /// <param name="adapter">The adapter's serial; 0 for none.</param>
    public static long RootOf(long adapter) => -adapter;

    /// <summary>
    /// Finds the pages that hold the beginning of <paramref name="tokens"/> behind a root, adds them to <paramref name="pages"/> with a reference
    /// each, and returns the serial of the last. At least one token is left over, since its logits are wanted.
    /// </summary>
    public long FindPrefix(long root, ReadOnlySpan<int> tokens, List<int> pages)
    {
        long serial = root;
        for (int page = Find(tokens, 0, serial); page >= 0; page = Find(tokens, pages.Count, serial))
        {
            if (references[page]++ == 0) idle.Remove(page);
            pages.Add(page);
            serial = serials[page];
        }

        return serial;
    }

    /// <summary>How many pages <see cref="FindPrefix"/> would find, and how many of them somebody holds: those take nothing of what is available.</summary>
    public int CountPrefix(long root, ReadOnlySpan<int> tokens, out int held)
    {
        int count = 0;
        held = 0;
        long serial = root;
        for (int page = Find(tokens, 0, serial); page >= 0; page = Find(tokens, ++count, serial))
        {
            if (references[page] > 0) held++;
            serial = serials[page];
        }

        return count;
    }

    /// <summary>Makes a page that is now full findable; returns the serial of its content, by which the next page refers to it.</summary>
    public long Publish(int page, long previousSerial, ReadOnlySpan<int> content)
    {
        PageKey key = PageKey.Of(previousSerial, content);
        // Another sequence may have computed the same page at the same time; the first stays.
        if (byKey.TryGetValue(key, out int other) && ContentOf(other).SequenceEqual(content)) return serials[other];
        content.CopyTo(ContentOf(page));
        keys[page] = key;
        serials[page] = ++lastSerial;
        byKey[key] = page;
        return lastSerial;
    }

    /// <summary>Makes nothing of what pages hold findable any more: for weights that have changed.</summary>
    public void ForgetAll()
    {
        byKey.Clear();
        Array.Clear(serials);
    }

    public void Dispose() => Memory.Dispose();

    /// <summary>The page with the tokens of the given number after the page with the given serial; -1 when there is none, or they are the last.</summary>
    private int Find(ReadOnlySpan<int> tokens, int index, long serial)
    {
        int start = index * KeyValuePages.PageTokens;
        if (start + KeyValuePages.PageTokens >= tokens.Length) return -1;
        ReadOnlySpan<int> content = tokens.Slice(start, KeyValuePages.PageTokens);
        return byKey.TryGetValue(PageKey.Of(serial, content), out int page) && ContentOf(page).SequenceEqual(content) ? page : -1;
    }

    private Span<int> ContentOf(int page) => contents.AsSpan(page * KeyValuePages.PageTokens, KeyValuePages.PageTokens);

    private void Forget(int page)
    {
        if (serials[page] == 0) return;
        if (byKey.TryGetValue(keys[page], out int current) && current == page) byKey.Remove(keys[page]);
        serials[page] = 0;
    }
}
