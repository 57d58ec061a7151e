using System.Text.Unicode;
using CsvHelper;

namespace Caravan.Training;

/// <summary>Tables with a line of column names (RFC 4180). Each row is a record with the columns as fields, all of them texts.</summary>
/// <param name="separator">What stands between columns.</param>
internal sealed class CsvRecords(char separator) : RecordReader
{
    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(Stream stream, string path)
    {
        using CsvReader table = CsvReader.Create(stream, Options(), leaveOpen: true);
        string[] names = Guarded(path, () => table.Headers.ToArray());
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new Origin(path, 1).Problem($"names two columns '{twice.Key}'; give each a name of its own.");
        while (Guarded(path, table.Read)) yield return Record(table, names, new Origin(path, table.LineNumber));
    }

    private CsvReaderOptions Options() => new()
    {
        Separator = separator,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
        MaxRecordSize = LineReader.LongestLine,
    };

    private static DataRecord Record(CsvReader table, string[] names, Origin origin)
    {
        if (!Utf8.IsValid(table.RawRecord)) throw origin.Problem("holds bytes that are not UTF-8; convert the file to UTF-8.");
        return new DataRecord(JsonText.Object(names.Select((name, column) => (name, table.GetString(column)))), origin);
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CsvFormatException exception)
        {
            throw new Origin(path, Math.Max(1, exception.LineNumber)).Problem($"begins a row that is no CSV: {exception.Message}", exception);
        }
    }
}
