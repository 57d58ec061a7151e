using System.IO.Compression;
using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>Writes records to a JSON Lines file, packed where its name ends in <c>.gz</c>; the file appears when it is complete.</summary>
internal sealed class SampleWriter : IDisposable
{
    private readonly AtomicFile file;
    private readonly Stream stream;

    /// <summary>Begins a file.</summary>
    /// <exception cref="CaravanException">It may not be written.</exception>
    public SampleWriter(string path)
    {
        file = AtomicFile.Create(path);
        stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file.Stream, CompressionLevel.Optimal, leaveOpen: true) : new BufferedStream(file.Stream, 1 << 16);
    }

    /// <summary>How many records were written.</summary>
    public long Count { get; private set; }

    /// <summary>Writes a record as it was read.</summary>
    public void Write(DataRecord record)
    {
        ReadOnlySpan<byte> json = record.Json.Span;
        WriteLine(json.Contains((byte)'\n') ? JsonText.Of(record.Parse().Node()!) : json);
    }

    /// <summary>Writes a sample in a format.</summary>
    /// <exception cref="CaravanException">The format has no place for something in the sample.</exception>
    public void Write(Sample sample, SampleFormat format)
    {
        IReadOnlyList<JsonObject> records = format.Write(sample)
            ?? throw sample.Origin.Problem($"holds {sample.Kind} that the format '{format.Name}' ({format.Fields}) has no place for.");
        foreach (JsonObject record in records) Write(record);
    }

    /// <summary>Writes an object.</summary>
    public void Write(JsonObject record) => WriteLine(JsonText.Of(record));

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="CaravanException">The disk is full or fails; nothing is left behind.</exception>
    public void Commit()
    {
        if (stream is BufferedStream) stream.Flush();
        else stream.Dispose();
        file.Commit();
    }

    /// <summary>Deletes what was written, unless it was committed.</summary>
    public void Dispose() => file.Dispose();

    private void WriteLine(ReadOnlySpan<byte> json)
    {
        stream.Write(json);
        stream.WriteByte((byte)'\n');
        Count++;
    }
}
