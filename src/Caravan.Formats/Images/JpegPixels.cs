namespace Caravan.Formats;

/// <summary>Coefficients to pixels: cosine transform, colours at the brightness's resolution, red, green and blue.</summary>
internal static class JpegPixels
{
    /// <summary>c(u)/2 · cos((2x + 1)uπ/16) for place x and frequency u.</summary>
    private static readonly float[] Cosines =
        [.. Enumerable.Range(0, 64).Select(i => (float)((i % 8 == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos(((2 * (i / 8)) + 1) * (i % 8) * Math.PI / 16)))];

    /// <summary>The picture of decoded components.</summary>
    public static Picture Of(JpegComponent[] components, ushort[]?[] tables, int width, int height, bool differences, string name)
    {
        byte[][] planes = [.. components.Select(one => Widened(one, Transformed(one, tables[one.Table] ?? throw JpegDecoder.Damaged(name, "a table of quantization is missing")), components, width, height))];
        byte[] pixels = new byte[checked(3 * width * height)];
        for (int i = 0; i < width * height; i++)
        {
            Span<byte> pixel = pixels.AsSpan(3 * i, 3);
            if (planes.Length == 1) pixel.Fill(planes[0][i]);
            else if (!differences) (pixel[0], pixel[1], pixel[2]) = (planes[0][i], planes[1][i], planes[2][i]);
            else Colour(planes[0][i], planes[1][i] - 128, planes[2][i] - 128, pixel);
        }

        return new Picture(width, height, pixels);
    }

    /// <summary>T.871: in 16 bits of fraction, as the usual library rounds it.</summary>
    private static void Colour(int brightness, int blue, int red, Span<byte> pixel)
    {
        const int half = 1 << 15;
        pixel[0] = Clamp(brightness + (((91881 * red) + half) >> 16));
        pixel[1] = Clamp(brightness + (((-22554 * blue) - (46802 * red) + half) >> 16));
        pixel[2] = Clamp(brightness + (((116130 * blue) + half) >> 16));
    }

    /// <summary>A component's own pixels, [height, width].</summary>
    private static byte[] Transformed(JpegComponent component, ushort[] table)
    {
        byte[] plane = new byte[checked(component.Width * component.Height)];
        Span<float> scaled = stackalloc float[64], half = stackalloc float[64];
        for (int top = 0; top < component.Height; top += 8)
            for (int left = 0; left < component.Width; left += 8)
            {
                ReadOnlySpan<short> block = component.Coefficients.AsSpan(64 * ((top / 8 * component.BlocksAcross) + (left / 8)), 64);
                for (int i = 0; i < 64; i++) scaled[i] = block[i] * table[i];
                Transform(scaled, half);
                Transform(half, scaled);
                for (int y = 0; y < Math.Min(8, component.Height - top); y++)
                    for (int x = 0; x < Math.Min(8, component.Width - left); x++)
                        plane[((top + y) * component.Width) + left + x] = Clamp((int)MathF.Round(Math.Clamp(scaled[(8 * y) + x], -1e6f, 1e6f)) + 128);
            }

        return plane;
    }

    /// <summary>Transforms the columns and turns the block; twice gives all.</summary>
    private static void Transform(ReadOnlySpan<float> block, Span<float> turned)
    {
        for (int column = 0; column < 8; column++)
            for (int place = 0; place < 8; place++)
            {
                float sum = 0;
                for (int frequency = 0; frequency < 8; frequency++) sum += Cosines[(8 * place) + frequency] * block[(8 * frequency) + column];
                turned[(8 * column) + place] = sum;
            }
    }

    /// <summary>A component at the resolution of the picture.</summary>
    private static byte[] Widened(JpegComponent component, byte[] plane, JpegComponent[] all, int width, int height)
    {
        int across = all.Max(one => one.Across) / component.Across, down = all.Max(one => one.Down) / component.Down;
        if (across == 1 && down == 1) return plane;
        byte[] wide = new byte[checked(width * height)];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) wide[(y * width) + x] = (across, down) is (2, 1) or (2, 2) or (1, 2) ? Between(component, plane, x, y, across, down) : plane[(Math.Min(y / down, component.Height - 1) * component.Width) + Math.Min(x / across, component.Width - 1)];
        return wide;
    }

    /// <summary>Three parts of the nearest pixel and one of the next, in each direction that is halved: the triangle that the usual library draws, with its rounding.</summary>
    private static byte Between(JpegComponent component, byte[] plane, int x, int y, int across, int down)
    {
        int near = y / down, far = down == 1 ? near : Math.Clamp(near + ((y & 1) == 0 ? -1 : 1), 0, component.Height - 1);
        int column = x / across, next = across == 1 ? column : Math.Clamp(column + ((x & 1) == 0 ? -1 : 1), 0, component.Width - 1);
        int Column(int at) => down == 1 ? plane[(near * component.Width) + at] : (3 * plane[(near * component.Width) + at]) + plane[(far * component.Width) + at];
        if (across == 1) return (byte)((Column(column) + ((y & 1) == 0 ? 1 : 2)) >> 2);
        int sum = (3 * Column(column)) + Column(next);
        return down == 1 ? (byte)((sum + ((x & 1) == 0 ? 1 : 2)) >> 2) : (byte)((sum + ((x & 1) == 0 ? 8 : 7)) >> 4);
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
