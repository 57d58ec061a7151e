namespace Caravan.Text;

/// <summary>Where a JSON object or array ends, without reading it.</summary>
internal static class JsonExtent
{
    /// <summary>The place behind the bracket that closes the one at <paramref name="start"/>; -1 while it is not there.</summary>
    public static int EndOf(ReadOnlySpan<char> text, int start)
    {
        int depth = 0;
        bool quoted = false;
        for (int i = start; i < text.Length; i++)
        {
            char letter = text[i];
            if (quoted)
            {
                if (letter == '\\') i++;
                else if (letter == '"') quoted = false;
            }
            else if (letter == '"')
            {
                quoted = true;
            }
            else if (letter is '{' or '[')
            {
                depth++;
            }
            else if (letter is '}' or ']' && --depth == 0)
            {
                return i + 1;
            }
        }

        return -1;
    }
}
