namespace Caravan.Formats;

/// <summary>Names from files as they may be shown: control characters replaced, and not endless.</summary>
internal static class PickleText
{
    private const int Longest = 200;

    /// <summary>The name, fit for one line of a message.</summary>
    public static string Printable(string name)
    {
        string shown = name.Length > Longest ? name[..Longest] + "..." : name;
        return shown.Any(char.IsControl) ? string.Concat(shown.Select(character => char.IsControl(character) ? '?' : character)) : shown;
    }
}
