using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Models;

/// <summary>
/// Makes pictures into the numbers that a vision tower was trained with: the shorter edge to a size, a square from the middle, each colour minus its
/// mean and divided by its deviation. The values are CLIP's, and those of a <c>preprocessor_config.json</c> where the folder has one.
/// </summary>
internal sealed class ImagePreparation
{
    private const string FileName = "preprocessor_config.json";

    private readonly int edge, crop;
    private readonly float[] mean = [0.48145466f, 0.4578275f, 0.40821073f], deviation = [0.26862954f, 0.26130258f, 0.27577711f];
    private readonly float scale = 1 / 255f;

    /// <summary>The preparation for a tower.</summary>
    /// <param name="path">The model's folder or file.</param>
    /// <param name="spec">The tower.</param>
    /// <exception cref="CaravanException">The folder's description asks for something else than the tower or this class can take.</exception>
    public ImagePreparation(string path, VisionSpec spec)
    {
        edge = crop = spec.ImageSize;
        string file = Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, FileName);
        if (!File.Exists(file)) return;
        JsonElement settings = JsonFile.ReadObject(file);
        edge = Edge(settings, "size", edge, file);
        crop = Edge(settings, "crop_size", crop, file);
        scale = settings.TryGetProperty("rescale_factor", out JsonElement factor) && factor.TryGetSingle(out float given) ? given : scale;
        mean = Colours(settings, "image_mean", mean, file);
        deviation = Colours(settings, "image_std", deviation, file);
        int filter = settings.TryGetProperty("resample", out JsonElement resample) && resample.TryGetInt32(out int number) ? number : 3;
        if (filter != 3) throw new CaravanException($"'{file}' resizes pictures with the filter {filter}; 3, bicubic, is supported.");
        foreach (string step in (string[])["do_resize", "do_center_crop", "do_rescale", "do_normalize"])
            if (settings.TryGetProperty(step, out JsonElement flag) && flag.ValueKind == JsonValueKind.False) throw new CaravanException($"'{file}' switches '{step}' off, which is not supported.");
        if (crop != spec.ImageSize) throw new CaravanException($"'{file}' cuts pictures to {crop} pixels, but the model takes {spec.ImageSize}.");
    }

    /// <summary>[3, edge, edge] of a picture.</summary>
    public float[] Prepare(Picture picture)
    {
        bool upright = picture.Width <= picture.Height;
        int shorter = Math.Min(picture.Width, picture.Height), longer = (int)Math.Min(int.MaxValue, (long)edge * Math.Max(picture.Width, picture.Height) / shorter);
        Picture.RequireSize(edge, longer, "resized");
        (int width, int height) = upright ? (edge, longer) : (longer, edge);
        byte[] resized = BicubicResize.Run(picture, width, height);
        int left = (width - crop) / 2, top = (height - crop) / 2;
        float[] numbers = new float[3 * crop * crop];
        for (int y = 0; y < crop; y++)
            for (int x = 0; x < crop; x++)
                for (int colour = 0; colour < 3; colour++)
                {
                    bool inside = (uint)(x + left) < (uint)width && (uint)(y + top) < (uint)height;
                    float value = inside ? resized[(3 * (((y + top) * width) + x + left)) + colour] * scale : 0;
                    numbers[(((colour * crop) + y) * crop) + x] = (value - mean[colour]) / deviation[colour];
                }

        return numbers;
    }

    /// <summary>A number, or the edge in an object, which must be square.</summary>
    private static int Edge(JsonElement settings, string key, int absent, string file)
    {
        if (!settings.TryGetProperty(key, out JsonElement value)) return absent;
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (value.TryGetProperty("shortest_edge", out JsonElement shortest)) value = shortest;
            else if (value.TryGetProperty("height", out JsonElement height) && value.TryGetProperty("width", out JsonElement width) && height.GetRawText() == width.GetRawText()) value = height;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int edge) && edge is > 0 and <= 16_384
            ? edge
            : throw new CaravanException($"'{file}' sets '{key}' to {value.GetRawText()}; one edge of 1 to 16384 pixels was expected.");
    }

    private static float[] Colours(JsonElement settings, string key, float[] absent, string file)
    {
        if (!settings.TryGetProperty(key, out JsonElement value)) return absent;
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 3 && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(item => item.GetSingle())]
            : throw new CaravanException($"'{file}' sets '{key}' to {value.GetRawText()}; three numbers were expected.");
    }
}
