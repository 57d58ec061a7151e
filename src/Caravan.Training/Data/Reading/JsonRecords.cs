namespace Caravan.Training;

/// <summary>
/// JSON records: one object a line (JSON Lines), or objects in one list, told apart by the first character, since files of both kinds are called
/// <c>.json</c>.
/// </summary>
internal sealed class JsonRecords : RecordReader
{
    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(Stream stream, string path)
    {
        LineReader lines = new(stream, path);
        while (NextRecord(lines, out ReadOnlyMemory<byte> line))
        {
            if (lines.Line > 0 && line.Span.TrimStart(" \t\r"u8).StartsWith("["u8))
            {
                foreach (DataRecord record in new JsonListScanner(lines, path).Read(line)) yield return record;
                yield break;
            }

            yield return new DataRecord(line, new Origin(path, lines.Line));
            while (NextRecord(lines, out line)) yield return new DataRecord(line, new Origin(path, lines.Line));
        }
    }

    private static bool NextRecord(LineReader lines, out ReadOnlyMemory<byte> record)
    {
        while (lines.Next(out ReadOnlySpan<byte> line))
        {
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            record = line.ToArray();
            return true;
        }

        record = default;
        return false;
    }
}
