namespace Caravan.Formats;

/// <summary>A picture in memory: red, green and blue of each pixel, line by line from the top.</summary>
public sealed class Picture
{
    /// <summary>More would need gigabytes while it is decoded.</summary>
    internal const long MostPixels = 1 << 26;

    internal Picture(int width, int height, byte[] pixels) => (Width, Height, Pixels) = (width, height, pixels);

    /// <summary>Pixels of a line.</summary>
    public int Width { get; }

    /// <summary>Lines.</summary>
    public int Height { get; }

    /// <summary>[height, width, 3]</summary>
    internal byte[] Pixels { get; }

    /// <summary>Reads a PNG or JPEG file. Transparency is ignored: a pixel keeps its colour.</summary>
    /// <exception cref="CaravanException">It is missing, damaged, or of another kind.</exception>
    public static Picture Load(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CaravanException($"The picture '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a PNG or JPEG file that is in memory.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="CaravanException">It is damaged, or of another kind.</exception>
    public static Picture Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.StartsWith(PngDecoder.Signature)) return PngDecoder.Decode(file, name);
        if (file.StartsWith(JpegDecoder.Signature)) return JpegDecoder.Decode(file, name);
        throw new CaravanException($"'{name}' is neither a PNG nor a JPEG picture; convert it to one of them.");
    }

    /// <summary>Refuses sizes that a picture cannot have.</summary>
    internal static void RequireSize(long width, long height, string name)
    {
        if (width < 1 || height < 1 || width * height > MostPixels)
            throw new CaravanException($"The picture '{name}' says that it has {width} by {height} pixels; from 1 to {MostPixels:N0} in all were expected.");
    }
}
