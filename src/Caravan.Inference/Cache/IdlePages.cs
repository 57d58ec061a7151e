namespace Caravan.Inference;

/// <summary>Pages that nobody uses, longest unused first: a doubly linked list inside two arrays.</summary>
internal sealed class IdlePages
{
    private const int NotListed = -1;

    private readonly int[] next;
    private readonly int[] previous;
    private readonly int end;

    /// <summary>An empty list for pages 0 to <paramref name="pages"/> − 1.</summary>
    public IdlePages(int pages)
    {
        end = pages;
        next = new int[pages + 1];
        previous = new int[pages + 1];
        Array.Fill(next, NotListed);
        next[end] = previous[end] = end;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a page as the most recently used.</summary>
    public void Add(int page)
    {
        (previous[page], next[page]) = (previous[end], end);
        next[previous[end]] = page;
        previous[end] = page;
        Count++;
    }

    /// <summary>Removes a page from wherever it stands.</summary>
    public void Remove(int page)
    {
        next[previous[page]] = next[page];
        previous[next[page]] = previous[page];
        next[page] = NotListed;
        Count--;
    }

    /// <summary>Removes and returns the page that has been unused longest.</summary>
    public int TakeFirst()
    {
        int page = next[end];
        if (page == end) throw new InvalidOperationException("Every page is in use; sequences are only admitted when their pages are there.");
        Remove(page);
        return page;
    }
}
