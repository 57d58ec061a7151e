namespace Caravan.Inference;

/// <summary>
/// Ends a stream of text at the first stop string and decides what may be shown before it: everything except the longest end of the text that
/// could still become a stop string. The stop string that completes first counts, the longest of those completing at the same character; the
/// text is cut where it begins. The outcome does not depend on how the text is cut into pieces.
/// </summary>
internal sealed class StopStrings
{
    private readonly string[] stops;
    private readonly StopAutomaton automaton;
    private char[] pending = new char[256];
    private int released;
    private int length;
    private int state;

    /// <summary>Prepares for the given stop strings; none lets all text pass.</summary>
    /// <exception cref="CaravanException">A stop string is empty.</exception>
    public StopStrings(IReadOnlyList<string> stops)
    {
        if (stops.Any(string.IsNullOrEmpty))
            throw new CaravanException("A stop string is empty, but must have at least one character; leave it out to let the text run on.");
        this.stops = [.. stops];
        automaton = new StopAutomaton(this.stops);
    }

    /// <summary>The stop string that ended the text, or null.</summary>
    public string? Matched { get; private set; }

    /// <summary>
    /// Takes the next piece of text and returns what may be shown now, valid until the next call. Once <see cref="Matched"/> is set,
    /// all further text is dropped.
    /// </summary>
    public ReadOnlySpan<char> Push(ReadOnlySpan<char> text)
    {
        if (Matched is not null) return default;
        int held = Append(text);
        for (int i = held; i < length; i++)
        {
            state = automaton.Next(state, pending[i]);
            int match = automaton.Match(state);
            if (match < 0) continue;
            Matched = stops[match];
            length = i + 1 - Matched.Length;
            state = 0;
            break;
        }

        return Release(length - automaton.Depth(state));
    }

    /// <summary>At the end of the stream, returns the text held back so far, which no longer can become a stop string.</summary>
    public ReadOnlySpan<char> Flush()
    {
        state = 0;
        return Release(length);
    }

    /// <summary>Drops the text already released, puts the new text behind what is held back and returns how much that is.</summary>
    private int Append(ReadOnlySpan<char> text)
    {
        int held = length - released;
        pending.AsSpan(released, held).CopyTo(pending);
        released = 0;
        length = held + text.Length;
        if (length > pending.Length) Array.Resize(ref pending, Math.Max(length, 2 * pending.Length));
        text.CopyTo(pending.AsSpan(held));
        return held;
    }

    private ReadOnlySpan<char> Release(int end)
    {
        ReadOnlySpan<char> shown = pending.AsSpan(released, end - released);
        released = end;
        return shown;
    }
}
