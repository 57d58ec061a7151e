namespace Caravan.Text;

/// <summary>One of the four normalisation forms of Unicode Standard Annex 15.</summary>
internal enum UnicodeForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// <summary>
/// Brings an <see cref="AlignedText"/> into a normalisation form and keeps its alignment. .NET's own <c>Normalize</c> does nothing
/// without ICU. Source: Unicode Standard Annex 15, and chapter 3.12 of the standard for Hangul.
/// </summary>
internal static class UnicodeNormalizer
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    /// <summary>A code point, its combining class and the units it stands for.</summary>
    private record struct Element(int CodePoint, int Class, int From, int To);

    /// <summary>Normalises in place.</summary>
    public static void Normalize(AlignedText text, UnicodeForm form)
    {
        // Nothing below these code points changes in the form.
        char firstThatMayChange = form switch { UnicodeForm.Nfc => '\u0300', UnicodeForm.Nfd => '\u00C0', _ => '\u00A0' };
        if (text.Span.IndexOfAnyExceptInRange('\0', (char)(firstThatMayChange - 1)) < 0) return;
        List<Element> elements = Decompose(text, form is UnicodeForm.Nfkc or UnicodeForm.Nfkd);
        if (form is UnicodeForm.Nfc or UnicodeForm.Nfkc) Compose(elements);
        text.Begin();
        foreach (Element element in elements) text.PutCodePoint(element.CodePoint, element.From, element.To);
        text.End();
    }

    /// <summary>A whole text in a normalisation form.</summary>
    public static string Normalize(string text, UnicodeForm form)
    {
        AlignedText aligned = new();
        aligned.Load(text, 0);
        Normalize(aligned, form);
        return aligned.Span.ToString();
    }

    private static List<Element> Decompose(AlignedText text, bool compatibility)
    {
        NormalizationData data = NormalizationData.Instance;
        List<Element> elements = new(text.Length);
        ReadOnlySpan<char> units = text.Span;
        for (int i = 0, length; i < units.Length; i += length)
        {
            int codePoint = UnicodeProperties.CodePointAt(units, i, out length);
            int syllable = codePoint - SyllableBase;
            if (syllable is >= 0 and < SyllableCount)
            {
                elements.Add(new Element(LeadBase + syllable / (VowelCount * TailCount), 0, i, i + length));
                elements.Add(new Element(VowelBase + syllable % (VowelCount * TailCount) / TailCount, 0, i, i + length));
                if (syllable % TailCount != 0) elements.Add(new Element(TailBase + syllable % TailCount, 0, i, i + length));
                continue;
            }

            int[]? parts = data.Decomposition(codePoint, compatibility);
            if (parts is null) elements.Add(new Element(codePoint, data.CombiningClass(codePoint), i, i + length));
            else
                foreach (int part in parts)
                    elements.Add(new Element(part, data.CombiningClass(part), i, i + length));
        }

        Reorder(elements);
        return elements;
    }

    /// <summary>Sorts every run of marks by combining class, keeping the order of equals.</summary>
    private static void Reorder(List<Element> elements)
    {
        for (int i = 0; i < elements.Count; i++)
        {
            if (elements[i].Class == 0) continue;
            int start = i;
            bool sorted = true;
            for (; i < elements.Count && elements[i].Class != 0; i++) sorted &= i == start || elements[i - 1].Class <= elements[i].Class;
            if (sorted) continue;
            Element[] run = [.. elements[start..i].OrderBy(element => element.Class)];
            // Marks that changed places all stand for the whole run, so that ranges never run backwards.
            for (int j = 0; j < run.Length; j++) elements[start + j] = run[j] with { From = elements[start].From, To = elements[i - 1].To };
        }
    }

    private static void Compose(List<Element> elements)
    {
        int starter = -1, kept = 0, lastClass = 0;
        for (int i = 0; i < elements.Count; i++)
        {
            Element element = elements[i];
            bool adjacent = starter == kept - 1;
            // A mark is blocked from its starter by a mark of the same or a higher class between them.
            if (starter >= 0 && (adjacent || (lastClass < element.Class && lastClass != 0))
                && Composite(elements[starter].CodePoint, element.CodePoint) is >= 0 and int composite)
            {
                elements[starter] = elements[starter] with { CodePoint = composite, To = Math.Max(elements[starter].To, element.To) };
                continue;
            }

            if (element.Class == 0) starter = kept;
            lastClass = element.Class;
            elements[kept++] = element;
        }

        elements.RemoveRange(kept, elements.Count - kept);
    }

    private static int Composite(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
            return SyllableBase + ((first - LeadBase) * VowelCount + (second - VowelBase)) * TailCount;
        if (first is >= SyllableBase and < SyllableBase + SyllableCount && (first - SyllableBase) % TailCount == 0
            && second is > TailBase and < TailBase + TailCount)
            return first + (second - TailBase);
        return NormalizationData.Instance.Compose(first, second);
    }
}
