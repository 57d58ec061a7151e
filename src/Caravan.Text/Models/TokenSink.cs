namespace Caravan.Text;

/// <summary>Where models put tokens; offsets are kept only when asked for.</summary>
internal sealed class TokenSink
{
    /// <summary>The ids.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>For every id the range of the original text, when <see cref="WantsOffsets"/>.</summary>
    public List<(int Start, int End)> Offsets { get; } = [];

    /// <summary>Whether ranges are kept.</summary>
    public bool WantsOffsets { get; private set; }

    /// <summary>Empties the sink.</summary>
    public void Reset(bool wantsOffsets)
    {
        Ids.Clear();
        Offsets.Clear();
        WantsOffsets = wantsOffsets;
    }

    /// <summary>Adds a token for the units [start, end) of the present text.</summary>
    public void Add(int id, AlignedText text, int start, int end)
    {
        Ids.Add(id);
        if (WantsOffsets) Offsets.Add((text.OriginalStart(start), text.OriginalEnd(end - 1)));
    }

    /// <summary>Adds a token for a range of the original text.</summary>
    public void AddAt(int id, int start, int end)
    {
        Ids.Add(id);
        if (WantsOffsets) Offsets.Add((start, end));
    }
}
