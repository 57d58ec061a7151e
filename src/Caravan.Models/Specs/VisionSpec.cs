namespace Caravan.Models;

/// <summary>
/// A vision transformer (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"): squares of an image become rows behind one that stands for all of
/// it. The vector of that row is the only one of its token embedding.
/// </summary>
internal sealed record VisionSpec : StackSpec
{
    /// <summary>Pixels of an edge of the images, which are square.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Pixels of an edge of the squares.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Numbers of a pixel.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Squares of an image.</summary>
    public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>Numbers of a square.</summary>
    public int PatchNumbers => Channels * PatchSize * PatchSize;

    /// <inheritdoc/>
    public override string? Flaw => PatchSize > ImageSize ? $"cuts images of {ImageSize} pixels into squares of {PatchSize}" : base.Flaw;

    /// <inheritdoc/>
    public override Network Build(WeightReader weights) => new VisionTower(this, weights, "");
}
