namespace Caravan.Text;

/// <summary>A token with a number that stands for a text of one prompt.</summary>
/// <param name="Token">The token of its kind: <c>&lt;mask&gt;</c> for <c>&lt;mask_0&gt;</c>, the unknown token for what the vocabulary lacks.</param>
/// <param name="Number">Its number among those of its kind, from 0.</param>
/// <param name="Text">What it stands for.</param>
internal readonly record struct NumberedToken(int Token, int Number, string Text);
