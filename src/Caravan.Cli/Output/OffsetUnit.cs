using System.Text;

namespace Caravan.Cli;

/// <summary>What places in a text are counted in.</summary>
/// <param name="Name">What is typed for it.</param>
/// <param name="Width">How many units a character of the text takes.</param>
internal sealed record OffsetUnit(string Name, Func<Rune, int> Width)
{
    private static readonly OffsetUnit[] All =
    [
        new("utf16", rune => rune.Utf16SequenceLength),
        new("codepoints", _ => 1),
        new("bytes", rune => rune.Utf8SequenceLength),
    ];

    /// <summary>The unit of that name; the units of .NET strings when nothing is said.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static OffsetUnit Parse(string? name) => All.FirstOrDefault(unit => unit.Name == (name ?? All[0].Name))
        ?? throw new UsageException($"--offsets takes {string.Join(", ", All.Select(unit => unit.Name))}, not '{name}'.{Suggestion.DidYouMean(name!, All.Select(unit => unit.Name))}");

    /// <summary>From an index into the string to a place in this unit.</summary>
    public Func<int, int> PlacesIn(string text)
    {
        int[] places = new int[text.Length + 1];
        int index = 0, place = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int next = place + Width(rune);
            for (int i = 0; i < rune.Utf16SequenceLength; i++) places[index + i] = place;
            index += rune.Utf16SequenceLength;
            places[index] = place = next;
        }

        return at => places[at];
    }
}
