using System.Text.Json;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>What the verbs about training data have in common.</summary>
internal static class DataOutput
{
    /// <summary>Reads through files while a bar shows how far it is.</summary>
    /// <param name="terminal">Where the bar is drawn.</param>
    /// <param name="bytes">Bytes there are to read.</param>
    /// <param name="work">Takes what is to be told how many bytes were read; null when nobody watches.</param>
    public static T WatchBytes<T>(this Terminal terminal, long bytes, Func<Action<long>?, T> work) =>
        terminal.Watch<long, T>("Reading", done => (done, bytes), progress => work(progress is null ? null : progress.Report));

    /// <summary>A place as an object of file and line.</summary>
    public static void WriteOrigin(this Utf8JsonWriter document, string name, Origin origin)
    {
        document.WriteStartObject(name);
        document.WriteString("file", origin.File);
        document.WriteNumber("line", origin.Line);
        document.WriteEndObject();
    }

    /// <summary>An array of names with counts.</summary>
    public static void WriteCounts(this Utf8JsonWriter document, string name, IEnumerable<KeyValuePair<string, long>> counts)
    {
        document.WriteStartArray(name);
        foreach ((string what, long count) in counts)
        {
            document.WriteStartObject();
            document.WriteString("name", what);
            document.WriteNumber("count", count);
            document.WriteEndObject();
        }

        document.WriteEndArray();
    }

    /// <summary>A text on one line, cut where it is long.</summary>
    public static string Short(string text, int most = 60)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= most ? line : line[..(most - 1)] + "…";
    }
}
