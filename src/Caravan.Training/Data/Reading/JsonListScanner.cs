namespace Caravan.Training;

/// <summary>
/// Finds the objects of one big JSON list line by line. It follows braces, brackets and quotation marks only; whether an object is right is found out
/// when it is parsed.
/// </summary>
internal sealed class JsonListScanner(LineReader lines, string path)
{
    private readonly List<byte> element = [];
    private long firstLine;
    private int depth;
    private bool inText, escaped;
    private Expecting expecting = Expecting.Open;

    private enum Expecting
    {
        Open, FirstElement, Element, Inside, Separator, Nothing,
    }

    /// <summary>The objects.</summary>
    /// <param name="first">The line with the opening bracket, which was read already.</param>
    public IEnumerable<DataRecord> Read(ReadOnlyMemory<byte> first)
    {
        ReadOnlyMemory<byte> line = first;
        do
        {
            for (int i = 0; i < line.Length; i++)
                if (Take(line.Span[i])) yield return new DataRecord(Finished(), new Origin(path, firstLine));
            if (expecting == Expecting.Inside) element.Add((byte)'\n');
        }
        while (Next(out line));
        if (expecting != Expecting.Nothing) throw Problem(lines.Line, "ends inside the list of records; the file is not complete.");
    }

    private bool Next(out ReadOnlyMemory<byte> line)
    {
        bool more = lines.Next(out ReadOnlySpan<byte> bytes);
        line = bytes.ToArray();
        return more;
    }

    private byte[] Finished()
    {
        byte[] bytes = [.. element];
        element.Clear();
        return bytes;
    }

    /// <summary>Takes the next byte; true when it ends an object.</summary>
    private bool Take(byte value)
    {
        if (expecting == Expecting.Inside) return TakeInside(value);
        if (value is (byte)' ' or (byte)'\t' or (byte)'\r') return false;
        expecting = (expecting, (char)value) switch
        {
            (Expecting.Open, '[') => Expecting.FirstElement,
            (Expecting.FirstElement or Expecting.Element, '{') => Expecting.Inside,
            (Expecting.FirstElement, ']') => Expecting.Nothing,
            (Expecting.Separator, ',') => Expecting.Element,
            (Expecting.Separator, ']') => Expecting.Nothing,
            _ => throw Problem(lines.Line, $"has '{(value is > 32 and < 127 ? $"{(char)value}" : $"byte {value}")}' where {Expected()} was expected."),
        };
        if (expecting != Expecting.Inside) return false;
        (depth, firstLine) = (1, lines.Line);
        element.Add(value);
        return false;
    }

    private bool TakeInside(byte value)
    {
        if (element.Count >= LineReader.LongestLine) throw Problem(firstLine, $"begins a record of more than {LineReader.LongestLine} bytes.");
        element.Add(value);
        if (inText)
        {
            if (escaped) escaped = false;
            else if (value == '\\') escaped = true;
            else if (value == '"') inText = false;
            return false;
        }

        switch (value)
        {
            case (byte)'"':
                inText = true;
                return false;
            case (byte)'{' or (byte)'[':
                depth++;
                return false;
            case (byte)'}' or (byte)']':
                if (--depth > 0) return false;
                expecting = Expecting.Separator;
                return true;
            default:
                return false;
        }
    }

    private string Expected() => expecting switch
    {
        Expecting.FirstElement => "a record in braces or the end of the list",
        Expecting.Element => "a record in braces",
        Expecting.Separator => "a comma or the end of the list",
        _ => "the end of the file",
    };

    private CaravanException Problem(long line, string what) => new Origin(path, line).Problem(what);
}
