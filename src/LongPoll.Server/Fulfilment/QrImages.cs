using QRCoder;

namespace LongPoll.Server.Fulfilment;

/// <summary>A code as a QR image: black on white with its quiet zone, whatever the page around it looks like.</summary>
internal static class QrImages
{
    private const int PixelsPerModule = 8;

    public static byte[] Png(string code)
    {
        using var data = Read(code);
        using var image = new PngByteQRCode(data);
        return image.GetGraphic(PixelsPerModule);
    }

    public static string Svg(string code)
    {
        using var data = Read(code);
        using var image = new SvgQRCode(data);
        return image.GetGraphic(PixelsPerModule, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }

    // A quarter of the image may be scratched or glare on a screen.
    private static QRCodeData Read(string code)
    {
        using var generator = new QRCodeGenerator();
        return generator.CreateQrCode(code, QRCodeGenerator.ECCLevel.Q);
    }
}
