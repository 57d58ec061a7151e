using System.Text;
using System.Text.Unicode;

namespace Caravan.Training;

/// <summary>Plain text: documents with blank lines between them, or one document a file. A record has the field <c>text</c>.</summary>
/// <param name="wholeFile">Whether the file is one document.</param>
internal sealed class TextDocuments(bool wholeFile) : RecordReader
{
    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(Stream stream, string path)
    {
        LineReader lines = new(stream, path);
        StringBuilder document = new();
        long first = 1;
        while (Next(lines, path, out string line))
        {
            bool blank = string.IsNullOrWhiteSpace(line);
            if (blank && !wholeFile)
            {
                if (document.Length > 0) yield return Record(document, path, first);
                continue;
            }

            if (document.Length == 0) first = lines.Line;
            else document.Append('\n');
            document.Append(line);
            if (document.Length > LineReader.LongestLine)
                throw new Origin(path, first).Problem($"begins a document of more than {LineReader.LongestLine} characters; put blank lines between documents.");
        }

        if (document.ToString().Trim().Length > 0) yield return Record(document, path, first);
    }

    private static bool Next(LineReader lines, string path, out string line)
    {
        bool more = lines.Next(out ReadOnlySpan<byte> bytes);
        if (!Utf8.IsValid(bytes)) throw new Origin(path, lines.Line).Problem("holds bytes that are not UTF-8; convert the file to UTF-8.");
        line = System.Text.Encoding.UTF8.GetString(bytes);
        return more;
    }

    private static DataRecord Record(StringBuilder document, string path, long first)
    {
        DataRecord record = new(JsonText.Object([("text", document.ToString())]), new Origin(path, first));
        document.Clear();
        return record;
    }
}
