namespace Caravan.Training;

/// <summary>Cuts a stream into lines of bytes.</summary>
/// <param name="stream">The stream; stays the caller's.</param>
/// <param name="path">The file, for messages.</param>
internal sealed class LineReader(Stream stream, string path)
{
    /// <summary>Longer ones are no records; keeps a file without line ends from filling the memory.</summary>
    public const int LongestLine = 1 << 28;

    private byte[] buffer = new byte[1 << 16];
    private int start, end;
    private bool ended;

    /// <summary>The number of the line that <see cref="Next"/> gave last, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The next line without its end, or false at the end of the file. It is valid until the next call.</summary>
    /// <exception cref="CaravanException">The line is longer than <see cref="LongestLine"/>.</exception>
    public bool Next(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int place = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (place >= 0 || (ended && end > start))
            {
                int length = place >= 0 ? searched + place : end - start;
                line = buffer.AsSpan(start, length);
                start = Math.Min(end, start + length + 1);
                if (++Line == 1 && line.StartsWith("\uFEFF"u8)) line = line[3..];
                if (line.EndsWith("\r"u8)) line = line[..^1];
                return true;
            }

            if (ended)
            {
                line = default;
                return false;
            }

            searched = end - start;
            Fill();
        }
    }

    private void Fill()
    {
        if (end - start > LongestLine) throw new Origin(path, Line + 1).Problem($"has more than {LongestLine} bytes; a record a line was expected.");
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        int read = stream.Read(buffer, end, buffer.Length - end);
        end += read;
        ended = read == 0;
    }
}
