namespace Caravan.Text;

/// <summary>What becomes of the delimiters a split finds, in the names of Hugging Face tokenizers.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>A text cut into segments that the model will tokenize one by one, and the buffers for cutting it further.</summary>
internal sealed class Segments
{
    private readonly List<(int Start, int End, bool Found)> parts = [];
    private List<(int Start, int End)> next = [];

    /// <summary>The text.</summary>
    public AlignedText Text { get; } = new();

    /// <summary>The segments in order, none empty; what lies between them was removed.</summary>
    public List<(int Start, int End)> Items { get; private set; } = [];

    /// <summary>For patterns.</summary>
    public PatternMatcher Matcher { get; } = new();

    /// <summary>A buffer for matches inside one segment.</summary>
    public List<(int Start, int End)> Found { get; } = [];

    /// <summary>Makes the whole text one segment.</summary>
    public void Reset()
    {
        Items.Clear();
        if (Text.Length > 0) Items.Add((0, Text.Length));
    }

    /// <summary>Cuts every segment at the delimiters that <paramref name="find"/> adds to <see cref="Found"/>, relative to the segment's start.</summary>
    public void Split(Action<Segments, int, int> find, SplitBehavior behavior, bool invert = false)
    {
        next.Clear();
        foreach ((int start, int end) in Items)
        {
            Found.Clear();
            find(this, start, end);
            parts.Clear();
            int done = start;
            foreach ((int from, int to) in Found)
            {
                if (start + from > done) parts.Add((done, start + from, invert));
                parts.Add((start + from, start + to, !invert));
                done = start + to;
            }

            if (done < end) parts.Add((done, end, invert));
            Keep(behavior);
        }

        // A pattern that matches nothing cuts, but leaves no segment.
        next.RemoveAll(item => item.Start == item.End);

        (Items, next) = (next, Items);
    }

    /// <summary>
    /// Rewrites every segment by <paramref name="write"/>, which puts the new units of [start, end) into <see cref="Text"/>.
    /// </summary>
    public void Rewrite(Action<AlignedText, int, int> write)
    {
        next.Clear();
        Text.Begin();
        foreach ((int start, int end) in Items)
        {
            int begin = Text.Written;
            write(Text, start, end);
            if (Text.Written > begin) next.Add((begin, Text.Written));
        }

        Text.End();
        (Items, next) = (next, Items);
    }

    private void Keep(SplitBehavior behavior)
    {
        switch (behavior)
        {
            case SplitBehavior.Removed:
                foreach ((int start, int end, bool found) in parts)
                    if (!found) next.Add((start, end));
                break;
            case SplitBehavior.Isolated:
                foreach ((int start, int end, _) in parts) next.Add((start, end));
                break;
            case SplitBehavior.MergedWithNext:
                KeepWithNext();
                break;
            default:
                KeepWithPrevious(contiguous: behavior == SplitBehavior.Contiguous);
                break;
        }
    }

    private void KeepWithPrevious(bool contiguous)
    {
        bool previous = false;
        for (int i = 0; i < parts.Count; i++)
        {
            (int start, int end, bool found) = parts[i];
            if (i > 0 && (contiguous ? found == previous : found && !previous)) next[^1] = (next[^1].Start, end);
            else next.Add((start, end));
            previous = found;
        }
    }

    private void KeepWithNext()
    {
        int first = next.Count;
        bool following = false;
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            (int start, int end, bool found) = parts[i];
            if (i < parts.Count - 1 && found && !following) next[^1] = (start, next[^1].End);
            else next.Add((start, end));
            following = found;
        }

        next.Reverse(first, next.Count - first);
    }
}
